"""The environment templates run in: plain data, a short list of words, and nothing else."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

from jinja2 import BaseLoader
from jinja2.environment import Template, TemplateModule
from jinja2.exceptions import SecurityError, UndefinedError
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, LoopContext, Macro, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace, missing

from generator.finding import did_you_mean
from generator.render.codegen import HoleGenerator
from generator.render.formats import percent
from generator.render.limits import LimitReached, Limits, Meter
from generator.render.marks import Fragment, defined, make_hole
from generator.render.words import Bounded, add, multiply, plain, power, refuse

_LISTED = 40
"""Names that a help lists where none is near."""

_LOOP = frozenset(
    {
        *("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"),
        *("previtem", "nextitem", "cycle", "changed"),
    }
)


class MissingError(UndefinedError):
    """A name or key that does not exist was used; `hint` names near ones."""

    def __init__(self, owner: Any, name: Any, message: str) -> None:
        self.owner = owner
        self.name = name
        if owner is missing:
            message = f'"{name}" is not defined'
        elif isinstance(owner, Mapping | Namespace):
            message = f'there is no "{name}" here'
        super().__init__(message)

    def hint(self, names: Mapping[str, Any]) -> str:
        """What may have been meant, among the keys at that level, or `names` at the top."""
        known = names if self.owner is missing else self.owner
        if not isinstance(known, Mapping):
            return ""
        words = sorted(map(str, known))
        near = did_you_mean(str(self.name), words)
        if near or not words:
            return near
        more = f" and {len(words) - _LISTED} more" if len(words) > _LISTED else ""
        return f"known: {', '.join(words[:_LISTED])}{more}"


class HoleUndefined(StrictUndefined):
    """What a missing name yields: an error at any use, naming what there is instead."""

    __slots__ = ()

    def __init__(self, hint: Any = None, obj: Any = missing, name: Any = None, exc: Any = UndefinedError) -> None:
        raising = partial(MissingError, obj, name) if exc is UndefinedError and hint is None else exc
        super().__init__(hint, obj, name, raising)  # type: ignore[arg-type]


class HoleContext(Context):
    """The names a template sees; all templates share one evaluation context, as none may change it."""

    def __init__(
        self,
        environment: Any,
        parent: dict[str, Any],
        name: str | None,
        blocks: Any = None,  # noqa: ARG002 - templates have none
        globals: Any = None,  # noqa: A002, ARG002 - the base class names it so
    ) -> None:
        self.parent = parent
        self.vars = {}
        self.environment = environment
        self.eval_ctx = environment.evaluation
        self.exported_vars = set()
        self.name = name
        self.globals_keys = set()
        self.blocks = {}


class HoleTemplate(Template):
    """A compiled template that shares its module between renders only when no render could tell."""

    def make_module(self, vars: Any = None, shared: bool = False, locals: Any = None) -> TemplateModule:  # noqa: A002
        """A module of this render alone."""
        self.environment.unshared += 1  # type: ignore[attr-defined]
        return super().make_module(vars, shared, locals)

    def _get_default_module(self, ctx: Any = None) -> TemplateModule:  # noqa: ARG002
        if self._module is not None:
            return self._module
        sandbox = cast("Sandbox", self.environment)
        before = len(sandbox.values), sandbox.unshared
        context = self.new_context()
        module = TemplateModule(self, context)
        # A value printed belongs to this render; so does a namespace, and a macro may hold on to one it came with.
        stateless = all(isinstance(v, Macro | str | int | float | None) for v in context.vars.values())
        if stateless and before == (len(sandbox.values), sandbox.unshared):
            self._module = module
        else:
            sandbox.unshared += 1
        return module


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja with typed holes, for one process and one render at a time."""

    code_generator_class = HoleGenerator
    template_class = HoleTemplate
    context_class = HoleContext
    intercepted_binops = frozenset(["+", "*", "**", "%"])

    def __init__(self, loader: BaseLoader, limits: Limits) -> None:
        super().__init__(
            loader=loader,
            undefined=HoleUndefined,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            optimized=False,
            auto_reload=False,
            cache_size=-1,
        )
        self.evaluation = EvalContext(self, None)
        self.values: list[Any] = []
        self.unshared = 0
        self.meter = Meter(limits)
        self.bounded = Bounded(self, self.meter)
        self.hole = make_hole(self.values, self.meter)
        self.charge = self.meter.charge
        self.weigh = self.meter.weigh
        self.sized = self._sized
        self.join_text = self.bounded.join_text
        self.methods = self.bounded.methods()
        self.filters = dict(self.bounded.filters())
        self.tests = dict(self.bounded.tests())
        self.globals = {"range": self._range, "dict": self._dict, "namespace": Namespace}
        self.concat = cast("Any", self._fragment)  # type: ignore[method-assign]
        self.attribute = self._make_attribute()
        self.binop_table |= {
            "+": partial(add, self.meter),
            "*": partial(multiply, self.meter),
            "**": partial(power, self.meter),
            "%": self._modulo,
        }
        self.items_of = self._view(dict.items, "items")
        self.keys_of = self._view(dict.keys, "keys")
        self.values_of = self._view(dict.values, "values")

    def run(self, template: Template, context: Mapping[str, Any]) -> str:
        """The text a template writes, with marks for its values. Raises whatever the template does."""
        names = {**self.globals, **context}
        return "".join(template.root_render_func(HoleContext(self, names, template.name)))

    def _view(self, view: Callable[[Any], Any], name: str) -> Callable[[Any], Any]:
        """`obj.items()` and its like, without the way through a method."""

        def view_of(obj: Any) -> Any:
            return view(obj) if type(obj) is dict else self.call(self.method(obj, name))

        return view_of

    def _fragment(self, parts: list[str]) -> Fragment:
        self.meter.charge_text(sum(map(len, parts)))
        return Fragment("".join(parts), self.values)

    def _sized(self, items: Any, weight: int) -> Any:
        defined(items)
        return self.meter.sized(items, weight)

    def _range(self, *bounds: int) -> range:
        found = range(*bounds)
        try:
            self.meter.charge(len(found) // 64)
        except OverflowError:
            raise LimitReached("a range without end") from None
        return found

    def _dict(self, *pairs: Any, **items: Any) -> Any:
        return self.weigh(dict(*pairs, **items))

    def _modulo(self, left: Any, right: Any) -> Any:
        left = plain(left)
        return percent(self.meter, left, right) if isinstance(left, str) else left % right

    def _make_attribute(self) -> Callable[[Any, str], Any]:
        other = self._attribute_of_other

        def attribute(obj: Any, name: str) -> Any:
            if type(obj) is dict:
                try:
                    return obj[name]
                except KeyError:
                    pass
            return other(obj, name)

        return attribute

    def _attribute_of_other(self, obj: Any, name: str) -> Any:
        defined(obj)
        if name.startswith("_"):
            raise refuse(name, obj)
        if isinstance(obj, Mapping) and name in obj:
            return obj[name]
        if isinstance(obj, LoopContext) and name in _LOOP:
            return getattr(obj, name)
        if isinstance(obj, Namespace):
            return getattr(obj, name, self.undefined(obj=obj, name=name))
        if isinstance(obj, TemplateModule):
            return vars(obj).get(name, self.undefined(obj=vars(obj), name=name))
        found = self._method(obj, name)
        return self.undefined(obj=obj, name=name) if found is None else found

    def _method(self, obj: Any, name: str) -> Any:
        obj = plain(obj)
        for kind, methods in self.methods.items():
            if isinstance(obj, kind):
                if name in methods:
                    return partial(methods[name], obj)
                if hasattr(kind, name):
                    raise refuse(name, obj)
        if not isinstance(obj, Mapping | list | tuple | str) and hasattr(type(obj), name):
            raise refuse(name, obj)
        return None

    def method(self, obj: Any, name: str) -> Any:
        """What `obj.name(…)` calls: a method of plain data before a key of the same name."""
        if isinstance(obj, str | dict | list | tuple | Fragment) and not name.startswith("_"):
            found = self._method(obj, name)
            if found is not None:
                return found
        return self.attribute(obj, name)

    def getattr(self, obj: Any, attribute: str) -> Any:
        """An attribute, for the engine's own filters."""
        return self.attribute(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """`obj[argument]`: an element of data, never an attribute."""
        argument = plain(argument)
        defined(obj)
        if isinstance(obj, dict | list | tuple | str | Fragment | range):
            try:
                return obj[argument]
            except LookupError:
                return self.undefined(obj=obj, name=argument)
            except TypeError:
                defined(argument)
                if not isinstance(argument, str) or argument.startswith("_"):
                    raise
                return self.undefined(obj=obj, name=argument)
        if isinstance(argument, str):
            return self.attribute(obj, argument)
        raise TypeError(f"a {type(obj).__name__} has no elements")

    def call(self, callee: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a macro, a loop, or one of the words templates have; raises SecurityError for all else."""
        if isinstance(callee, Macro | LoopContext):
            if type(callee) is Macro and (callee.catch_varargs or callee.catch_kwargs):
                self.weigh((args, kwargs))
            return callee(*args, **kwargs)
        defined(callee)
        if not self.is_safe_callable(callee):
            raise SecurityError(f"a {type(callee).__name__} cannot be called")
        return callee(*map(plain, args), **{key: plain(value) for key, value in kwargs.items()})

    def is_safe_callable(self, obj: Any) -> bool:
        """Whether obj is a word of ours: a method of plain data, a global, `loop.cycle` or `loop.changed`."""
        owner = getattr(obj, "__self__", None)
        return type(obj) is partial or isinstance(owner, LoopContext) or obj in (self._range, self._dict, Namespace)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:  # noqa: ARG002
        """Operators that could make something large."""
        return self.binop_table[operator](left, right)
