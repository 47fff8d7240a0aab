"""What every function and operator is called, takes and gives, and the Kubernetes version it came with."""

import functools
from dataclasses import dataclass

from generator.cel import types as t
from generator.cel.types import Type

_NAMED = {
    "dyn": t.DYN,
    "null": t.NULL,
    "bool": t.BOOL,
    "int": t.INT,
    "uint": t.UINT,
    "double": t.DOUBLE,
    "string": t.STRING,
    "bytes": t.BYTES,
    "timestamp": t.TIMESTAMP,
    "duration": t.DURATION,
    "quantity": t.struct("kubernetes.Quantity"),
    "semver": t.struct("kubernetes.Semver"),
    "url": t.struct("kubernetes.URL"),
    "ip": t.opaque("net.IP"),
    "cidr": t.opaque("net.CIDR"),
    "format": t.struct("kubernetes.NamedFormat"),
    "authorizer": t.struct("kubernetes.authorization.Authorizer"),
    "path_check": t.struct("kubernetes.authorization.PathCheck"),
    "group_check": t.struct("kubernetes.authorization.GroupCheck"),
    "resource_check": t.struct("kubernetes.authorization.ResourceCheck"),
    "decision": t.struct("kubernetes.authorization.Decision"),
}


@dataclass(frozen=True, slots=True)
class Overload:
    """One signature of a function; of a member the receiver is the first of `args`."""

    id: str
    args: tuple[Type, ...]
    result: Type
    member: bool


@dataclass(frozen=True, slots=True)
class Library:
    """What one version of Kubernetes lets an expression use."""

    functions: dict[str, tuple[Overload, ...]]
    idents: dict[str, Type]
    optionals: bool
    two_variables: bool
    validates_literals: bool
    sorts: bool

    def allows_macro(self, name: str, count: int) -> bool:
        """Whether `name` with that many arguments is a macro here (where it is one at all)."""
        if name in ("optMap", "optFlatMap"):
            return self.optionals
        if name == "sortBy":
            return self.sorts
        if name.startswith("transform"):
            return self.two_variables
        if count == 3 and name in ("all", "exists", "existsOne", "exists_one"):
            return self.two_variables
        return True


# since [until] name: id signature; id signature … — `T.(…)` is a member, capital letters are type parameters.
_TABLE = """
1.0 _?_:_: conditional (bool,A,A)A
1.0 _&&_: logical_and (bool,bool)bool
1.0 _||_: logical_or (bool,bool)bool
1.0 !_: logical_not (bool)bool
1.0 @not_strictly_false: not_strictly_false (bool)bool
1.0 _==_: equals (A,A)bool
1.0 _!=_: not_equals (A,A)bool
1.0 _+_: add_bytes (bytes,bytes)bytes; add_double (double,double)double; add_duration_duration (duration,duration)duration; add_duration_timestamp (duration,timestamp)timestamp; add_timestamp_duration (timestamp,duration)timestamp; add_int64 (int,int)int; add_list (list(A),list(A))list(A); add_string (string,string)string; add_uint64 (uint,uint)uint
1.0 _/_: divide_double (double,double)double; divide_int64 (int,int)int; divide_uint64 (uint,uint)uint
1.0 _%_: modulo_int64 (int,int)int; modulo_uint64 (uint,uint)uint
1.0 _*_: multiply_double (double,double)double; multiply_int64 (int,int)int; multiply_uint64 (uint,uint)uint
1.0 -_: negate_double (double)double; negate_int64 (int)int
1.0 _-_: subtract_double (double,double)double; subtract_duration_duration (duration,duration)duration; subtract_int64 (int,int)int; subtract_timestamp_duration (timestamp,duration)timestamp; subtract_timestamp_timestamp (timestamp,timestamp)duration; subtract_uint64 (uint,uint)uint
1.0 _[_]: index_list (list(A),int)A; index_map (map(A,B),A)B
1.0 @in: in_list (A,list(A))bool; in_map (A,map(A,B))bool
1.0 size: size_bytes (bytes)int; bytes_size bytes.()int; size_list (list(A))int; list_size list(A).()int; size_map (map(A,B))int; map_size map(A,B).()int; size_string (string)int; string_size string.()int
1.0 type: type (A)type(A)
1.0 bool: bool_to_bool (bool)bool; string_to_bool (string)bool
1.0 bytes: bytes_to_bytes (bytes)bytes; string_to_bytes (string)bytes
1.0 double: double_to_double (double)double; int64_to_double (int)double; string_to_double (string)double; uint64_to_double (uint)double
1.0 duration: duration_to_duration (duration)duration; int64_to_duration (int)duration; string_to_duration (string)duration
1.0 dyn: to_dyn (A)dyn
1.0 int: int64_to_int64 (int)int; double_to_int64 (double)int; duration_to_int64 (duration)int; string_to_int64 (string)int; timestamp_to_int64 (timestamp)int; uint64_to_int64 (uint)int
1.0 string: string_to_string (string)string; bool_to_string (bool)string; bytes_to_string (bytes)string; double_to_string (double)string; duration_to_string (duration)string; int64_to_string (int)string; timestamp_to_string (timestamp)string; uint64_to_string (uint)string
1.0 timestamp: timestamp_to_timestamp (timestamp)timestamp; int64_to_timestamp (int)timestamp; string_to_timestamp (string)timestamp
1.0 uint: uint64_to_uint64 (uint)uint; double_to_uint64 (double)uint; int64_to_uint64 (int)uint; string_to_uint64 (string)uint
1.0 contains: contains_string string.(string)bool
1.0 endsWith: ends_with_string string.(string)bool
1.0 startsWith: starts_with_string string.(string)bool
1.0 matches: matches (string,string)bool; matches_string string.(string)bool
1.0 getFullYear: timestamp_to_year timestamp.()int; timestamp_to_year_with_tz timestamp.(string)int
1.0 getMonth: timestamp_to_month timestamp.()int; timestamp_to_month_with_tz timestamp.(string)int
1.0 getDayOfYear: timestamp_to_day_of_year timestamp.()int; timestamp_to_day_of_year_with_tz timestamp.(string)int
1.0 getDayOfMonth: timestamp_to_day_of_month timestamp.()int; timestamp_to_day_of_month_with_tz timestamp.(string)int
1.0 getDate: timestamp_to_day_of_month_1_based timestamp.()int; timestamp_to_day_of_month_1_based_with_tz timestamp.(string)int
1.0 getDayOfWeek: timestamp_to_day_of_week timestamp.()int; timestamp_to_day_of_week_with_tz timestamp.(string)int
1.0 getHours: timestamp_to_hours timestamp.()int; timestamp_to_hours_with_tz timestamp.(string)int; duration_to_hours duration.()int
1.0 getMinutes: timestamp_to_minutes timestamp.()int; timestamp_to_minutes_with_tz timestamp.(string)int; duration_to_minutes duration.()int
1.0 getSeconds: timestamp_to_seconds timestamp.()int; timestamp_to_seconds_tz timestamp.(string)int; duration_to_seconds duration.()int
1.0 getMilliseconds: timestamp_to_milliseconds timestamp.()int; timestamp_to_milliseconds_with_tz timestamp.(string)int; duration_to_milliseconds duration.()int
1.0 charAt: string_char_at_int string.(int)string
1.0 indexOf: string_index_of_string string.(string)int; string_index_of_string_int string.(string,int)int; list_a_index_of_int list(A).(A)int
1.0 lastIndexOf: string_last_index_of_string string.(string)int; string_last_index_of_string_int string.(string,int)int; list_a_last_index_of_int list(A).(A)int
1.0 lowerAscii: string_lower_ascii string.()string
1.0 upperAscii: string_upper_ascii string.()string
1.0 replace: string_replace_string_string string.(string,string)string; string_replace_string_string_int string.(string,string,int)string
1.0 split: string_split_string string.(string)list(string); string_split_string_int string.(string,int)list(string)
1.0 substring: string_substring_int string.(int)string; string_substring_int_int string.(int,int)string
1.0 trim: string_trim string.()string
1.0 join: list_join list(string).()string; list_join_string list(string).(string)string
1.29 format: string_format string.(list(dyn))string
1.29 strings.quote: strings_quote (string)string
1.0 url: string_to_url (string)url
1.0 isURL: is_url_string (string)bool
1.0 getScheme: url_get_scheme url.()string
1.0 getHost: url_get_host url.()string
1.0 getHostname: url_get_hostname url.()string
1.0 getPort: url_get_port url.()string
1.0 getEscapedPath: url_get_escaped_path url.()string
1.0 getQuery: url_get_query url.()map(string,list(string))
1.0 find: string_find_string string.(string)string
1.0 findAll: string_find_all_string string.(string)list(string); string_find_all_string_int string.(string,int)list(string)
1.27 path: authorizer_path authorizer.(string)path_check
1.27 group: authorizer_group authorizer.(string)group_check
1.27 serviceAccount: authorizer_serviceaccount authorizer.(string,string)authorizer
1.27 resource: groupcheck_resource group_check.(string)resource_check
1.27 subresource: resourcecheck_subresource resource_check.(string)resource_check
1.27 namespace: resourcecheck_namespace resource_check.(string)resource_check
1.27 name: resourcecheck_name resource_check.(string)resource_check
1.27 check: pathcheck_check path_check.(string)decision; resourcecheck_check resource_check.(string)decision
1.27 errored: decision_errored decision.()bool
1.27 error: decision_error decision.()string
1.27 allowed: decision_allowed decision.()bool
1.27 reason: decision_reason decision.()string
1.31 fieldSelector: authorizer_fieldselector resource_check.(string)resource_check
1.31 labelSelector: authorizer_labelselector resource_check.(string)resource_check
1.28 quantity: string_to_quantity (string)quantity
1.28 isQuantity: is_quantity_string (string)bool
1.28 sign: quantity_sign (quantity)int
1.28 isGreaterThan: quantity_is_greater_than quantity.(quantity)bool
1.28 isLessThan: quantity_is_less_than quantity.(quantity)bool
1.28 compareTo: quantity_compare_to quantity.(quantity)int
1.28 asApproximateFloat: quantity_get_float quantity.()double
1.28 asInteger: quantity_get_int quantity.()int
1.28 isInteger: quantity_is_integer quantity.()bool
1.28 add: quantity_add quantity.(quantity)quantity; quantity_add_int quantity.(int)quantity
1.28 sub: quantity_sub quantity.(quantity)quantity; quantity_sub_int quantity.(int)quantity
1.28 optional.of: optional_of (V)optional(V)
1.28 optional.ofNonZeroValue: optional_ofNonZeroValue (V)optional(V)
1.28 optional.none: optional_none ()optional(V)
1.28 value: optional_value optional(V).()V
1.28 hasValue: optional_hasValue optional(V).()bool
1.28 or: optional_or_optional optional(V).(optional(V))optional(V)
1.28 orValue: optional_orValue_value optional(V).(V)V
1.28 _?._: select_optional_field (dyn,string)optional(V)
1.28 _[?_]: list_optindex_optional_int (list(V),int)optional(V); optional_list_optindex_optional_int (optional(list(V)),int)optional(V); map_optindex_optional_value (map(K,V),K)optional(V); optional_map_optindex_optional_value (optional(map(K,V)),K)optional(V)
1.28 _[_]: optional_list_index_int (optional(list(V)),int)optional(V); optional_map_index_value (optional(map(K,V)),K)optional(V)
1.28 last: list_last list(V).()optional(V)
1.28 first: list_first list(V).()optional(V)
1.28 optional.unwrap: optional_unwrap (list(optional(V)))list(V)
1.28 unwrapOpt: optional_unwrapOpt list(optional(V)).()list(V)
1.29 sets.contains: list_sets_contains_list (list(T),list(T))bool
1.29 sets.equivalent: list_sets_equivalent_list (list(T),list(T))bool
1.29 sets.intersects: list_sets_intersects_list (list(T),list(T))bool
1.30 ip: string_to_ip (string)ip; cidr_ip cidr.()ip
1.30 family: ip_family ip.()int
1.30 ip.isCanonical: ip_is_canonical (string)bool
1.30 isUnspecified: ip_is_unspecified ip.()bool
1.30 isLoopback: ip_is_loopback ip.()bool
1.30 isLinkLocalMulticast: ip_is_link_local_multicast ip.()bool
1.30 isLinkLocalUnicast: ip_is_link_local_unicast ip.()bool
1.30 isGlobalUnicast: ip_is_global_unicast ip.()bool
1.30 isIP: is_ip (string)bool
1.30 string: ip_to_string (ip)string; cidr_to_string (cidr)string
1.30 cidr: string_to_cidr (string)cidr
1.30 containsIP: cidr_contains_ip_string cidr.(string)bool; cidr_contains_ip_ip cidr.(ip)bool
1.30 containsCIDR: cidr_contains_cidr_string cidr.(string)bool; cidr_contains_cidr cidr.(cidr)bool
1.30 prefixLength: cidr_prefix_length cidr.()int
1.30 masked: cidr_masked cidr.()cidr
1.30 isCIDR: is_cidr (string)bool
1.31 validate: format-validate format.(string)optional(list(string))
1.31 format.named: format-named (string)optional(format)
1.32 cel.@mapInsert: @mapInsert_map_key_value (map(K,V),K,V)map(K,V); @mapInsert_map_map (map(K,V),map(K,V))map(K,V)
1.33 semver: string_to_semver (string)semver; string_bool_to_semver (string,bool)semver
1.33 isSemver: is_semver_string (string)bool; is_semver_string_bool (string,bool)bool
1.33 isGreaterThan: semver_is_greater_than semver.(semver)bool
1.33 isLessThan: semver_is_less_than semver.(semver)bool
1.33 compareTo: semver_compare_to semver.(semver)int
1.33 major: semver_major semver.()int
1.33 minor: semver_minor semver.()int
1.33 patch: semver_patch semver.()int
1.34 slice: list_slice list(T).(int,int)list(T)
1.34 flatten: list_flatten list(list(T)).()list(T); list_flatten_int list(dyn).(int)list(dyn)
1.34 lists.range: lists_range (int)list(int)
1.34 reverse: list_reverse list(T).()list(T)
1.34 distinct: list_distinct list(T).()list(T)
1.37 includes: list_a_includes list(A).(A)bool
"""

FORMATS = (
    "dns1123Label dns1123Subdomain dns1035Label qualifiedName dns1123LabelPrefix dns1123SubdomainPrefix"
    " dns1035LabelPrefix labelValue uri uuid byte date datetime"
).split()
_COMPARABLE = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")


def _parse_type(text: str) -> Type:
    if "(" in text:
        head, _, inner = text.partition("(")
        parts = [_parse_type(p) for p in _split(inner[:-1])]
        match head:
            case "list":
                return t.list_of(parts[0])
            case "map":
                return t.map_of(parts[0], parts[1])
            case "type":
                return t.type_of(parts[0])
            case _:
                return t.optional_of(parts[0])
    return _NAMED.get(text) or t.param(text)


def _split(text: str) -> list[str]:
    out, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if c == "," and not depth:
            out.append(text[start:i])
            start = i + 1
    return [*out, text[start:]] if text else out


def _balanced_arguments(signature: str) -> tuple[str, str, str]:
    member = ".(" in signature
    receiver, _, rest = signature.partition(".(") if member else ("", "", signature[1:])
    depth = 1
    for i, c in enumerate(rest):
        depth += (c == "(") - (c == ")")
        if not depth:
            return receiver, rest[:i], rest[i + 1 :]
    raise ValueError(signature)


def overload(identifier: str, signature: str) -> Overload:
    """An overload from its written signature: `(string,int)bool`, `list(A).(A)int`."""
    receiver, args, result = _balanced_arguments(signature)
    parts = ([receiver] if receiver else []) + _split(args)
    return Overload(identifier, tuple(_parse_type(p) for p in parts), _parse_type(result), bool(receiver))


def _orderings(version: tuple[int, int]) -> list[tuple[str, Overload]]:
    out: list[tuple[str, Overload]] = []
    for name, operator in (("less", "_<_"), ("less_equals", "_<=_"), ("greater", "_>_"), ("greater_equals", "_>=_")):
        kinds = (("bool", "bool"), ("int64", "int"), ("uint64", "uint"), ("double", "double"), ("string", "string"))
        kinds += (("bytes", "bytes"), ("timestamp", "timestamp"), ("duration", "duration"))
        out += [(operator, overload(f"{name}_{label}", f"({kind},{kind})bool")) for label, kind in kinds]
        if version >= (1, 28):
            numbers = kinds[1:4]
            out += [
                (operator, overload(f"{name}_{a}_{b}", f"({x},{y})bool"))
                for a, x in numbers
                for b, y in numbers
                if a != b
            ]
    return out


def _templates(version: tuple[int, int]) -> list[tuple[str, Overload]]:
    out = _orderings(version)
    for kind in _COMPARABLE:
        out.append(("isSorted", overload(f"list_{kind}_is_sorted_bool", f"list({kind}).()bool")))
        out.append(("max", overload(f"list_{kind}_max_{kind}", f"list({kind}).(){kind}")))
        out.append(("min", overload(f"list_{kind}_min_{kind}", f"list({kind}).(){kind}")))
    out += [("sum", overload(f"list_{k}_sum_{k}", f"list({k}).(){k}")) for k in ("int", "uint", "double", "duration")]
    if version >= (1, 31):
        out += [(f"format.{name}", overload(f"format.{name}", "()format")) for name in FORMATS]
    if version >= (1, 34):
        kinds = ("int", "uint", "double", "bool", "duration", "timestamp", "string", "bytes")
        out += [("sort", overload(f"list_{k}_sort", f"list({k}).()list({k})")) for k in kinds]
        name = "@sortByAssociatedKeys"
        out += [(name, overload(f"list_{k}_sortByAssociatedKeys", f"list(T).(list({k}))list(T)")) for k in kinds]
    return out


@functools.cache
def library(version: tuple[int, int]) -> Library:
    """The functions, types and macros an expression may use, by compatibility version (1, 35)."""
    functions: dict[str, list[Overload]] = {}
    for line in _TABLE.strip().splitlines():
        since, rest = line.split(" ", 1)
        name, overloads = rest.split(": ", 1)
        major, minor = since.split(".")
        if (int(major), int(minor)) > version:
            continue
        for entry in overloads.split("; "):
            identifier, signature = entry.split(" ", 1)
            functions.setdefault(name, []).append(overload(identifier, signature))
    for name, extra in _templates(version):
        functions.setdefault(name, []).append(extra)
    return Library(
        functions={name: tuple(found) for name, found in functions.items()},
        idents=_idents(version),
        optionals=version >= (1, 28),
        two_variables=version >= (1, 32),
        validates_literals=version >= (1, 29),
        sorts=version >= (1, 34),
    )


def _idents(version: tuple[int, int]) -> dict[str, Type]:
    """The names that stand for types."""
    known = {name: t.type_of(_NAMED[name]) for name in ("bool", "bytes", "double", "int", "string", "uint")}
    known["list"] = t.type_of(t.list_of(t.DYN))
    known["map"] = t.type_of(t.map_of(t.DYN, t.DYN))
    known["null_type"] = t.type_of(t.NULL)
    known["type"] = t.type_of(t.type_of(t.DYN))
    known["google.protobuf.Timestamp"] = t.type_of(t.TIMESTAMP)
    known["google.protobuf.Duration"] = t.type_of(t.DURATION)
    if version >= (1, 28):
        known["optional_type"] = t.type_of(t.optional_of(t.DYN))
    if version >= (1, 30):
        known["net.IP"] = t.type_of(_NAMED["ip"])
        known["net.CIDR"] = t.type_of(_NAMED["cidr"])
    return known
