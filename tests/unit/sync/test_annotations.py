"""Annotations of Argo CD: what is wrong with each, and what is let pass."""

import pytest

from generator.sync import annotation_remarks
from generator.sync.annotations import wave_of

A = "argocd.argoproj.io/"


def remarks(kind="VirtualMachine", **more):
    return [(r.rule.code, r.message) for r in annotation_remarks({"kind": kind, **more})]


def about(name, value, kind="VirtualMachine"):
    return remarks(kind, metadata={"annotations": {name: value}})


@pytest.mark.parametrize(
    ("name", "value", "kind"),
    [
        (f"{A}sync-wave", "-5", "VirtualMachine"),
        (f"{A}sync-wave", "+5", "VirtualMachine"),
        (f"{A}sync-options", "Prune=false, ServerSideApply=true", "VirtualMachine"),
        (f"{A}sync-options", "Delete=confirm,SkipDryRunOnMissingResource=true", "ConfigMap"),
        (f"{A}hook", "PreSync,PostSync", "Job"),
        (f"{A}hook", "Skip", "Job"),
        (f"{A}hook", "PreDelete", "Job"),
        (f"{A}compare-options", "IgnoreExtraneous", "ConfigMap"),
        (f"{A}compare-options", "ServerSideDiff=true,IncludeMutationWebhook=true", "Application"),
        (f"{A}manifest-generate-paths", ".;../shared", "Application"),
        (f"{A}skip-reconcile", "true", "Secret"),
        (f"link.{A}wiki", "Wiki|https://wiki.example.com/qat", "VirtualMachine"),
        (f"notice.{A}severity", "warning", "Application"),
        ("example.com/tracking-id", "x", "VirtualMachine"),
        (f"{A}sync-wave", "{{ .wave }}", "Application"),
    ],
)
def test_what_argocd_reads_is_let_pass(name, value, kind):
    assert about(name, value, kind) == []


@pytest.mark.parametrize(
    ("name", "value", "kind", "code", "words"),
    [
        (f"{A}syncwave", "5", "VirtualMachine", "ARG001", 'no annotation "argocd.argoproj.io/syncwave"'),
        (f"{A}sync-waves", "5", "VirtualMachine", "ARG001", "sync-waves"),
        (f"notice.{A}colour", "red", "Application", "ARG001", "colour"),
        (f"{A}sync-wave", "5.0", "VirtualMachine", "ARG002", "reads as wave 0"),
        (f"{A}sync-wave", " 5", "VirtualMachine", "ARG002", "reads as wave 0"),
        (f"{A}sync-wave", "9223372036854775808", "VirtualMachine", "ARG002", "reads as wave 0"),
        (f"{A}sync-wave", "", "VirtualMachine", "ARG002", "reads as wave 0"),
        (f"{A}sync-options", "Prune=no", "VirtualMachine", "ARG002", "Prune takes false, confirm, true"),
        (f"{A}sync-options", "prune=false", "VirtualMachine", "ARG001", "no sync option"),
        (f"{A}sync-options", "ServerSideApply", "VirtualMachine", "ARG002", "does nothing"),
        (f"{A}sync-options", "", "VirtualMachine", "ARG002", "is empty"),
        (f"{A}sync-options", "Replace=true,ServerSideApply=true", "VirtualMachine", "ARG002", "the object is replaced"),
        (f"{A}sync-options", "Prune=true,Prune=false", "VirtualMachine", "ARG002", "Prune=true and Prune=false"),
        (f"{A}sync-options", "CreateNamespace=true", "VirtualMachine", "ARG004", "option of Applications"),
        (f"{A}hook", "presync", "Job", "ARG002", "runs in no phase"),
        (f"{A}hook", "", "Job", "ARG002", "runs in no phase"),
        (f"{A}hook", "Skip,Sync", "Job", "ARG002", "skips nothing"),
        (f"{A}compare-options", "IgnoreExtraneus", "ConfigMap", "ARG001", "no compare option"),
        (f"{A}compare-options", "ServerSideDiff=true", "ConfigMap", "ARG004", "reads it from the Application"),
        (f"{A}tracking-id", "edge:apps/DaemonSet:a/b", "DaemonSet", "ARG003", "written by Argo CD alone"),
        (f"{A}refresh", "hard", "Application", "ARG003", "written by Argo CD alone"),
        (f"{A}manifest-generate-paths", ".", "VirtualMachine", "ARG004", "on Application"),
        (f"{A}manifest-generate-paths", "a,b", "Application", "ARG002", "divided by ;"),
        (f"{A}skip-reconcile", "yes", "Application", "ARG002", "does nothing"),
        (f"link.{A}wiki", "wiki", "VirtualMachine", "ARG002", "no address"),
        (f"{A}hook-delete-policy", "HookSucceeded", "Job", "ARG004", "no hook"),
    ],
)
def test_what_argocd_passes_over_is_told(name, value, kind, code, words):
    [(found, message)] = about(name, value, kind)
    assert found == code
    assert words in message


def test_a_tracking_label_is_told():
    assert [c for c, _ in remarks(metadata={"labels": {f"{A}instance": "edge"}})] == ["ARG003"]


def test_hook_delete_policies_are_checked():
    given = {f"{A}hook": "PostSync", f"{A}hook-delete-policy": "HookSucceeded,HookDone"}
    [(code, message)] = remarks("Job", metadata={"annotations": given})
    assert (code, "HookDone" in message) == ("ARG002", True)


@pytest.mark.parametrize("kind", ["Application", "ApplicationSet"])
def test_options_of_applications_are_checked_where_they_stand(kind):
    spec = {
        "syncPolicy": {"syncOptions": ["ServerSideApply=true", "CreateNamespce=true", "PrunePropagationPolicy=none"]}
    }
    whole = spec if kind == "Application" else {"template": {"spec": spec}}
    found = list(annotation_remarks({"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "spec": whole}))
    assert [(r.rule.code, r.path[-2:]) for r in found] == [
        ("ARG001", ("syncOptions", 1)),
        ("ARG002", ("syncOptions", 2)),
    ]


@pytest.mark.parametrize(("text", "wave"), [("0", 0), ("-12", -12), ("1e3", None), ("１", None), ("", None)])
def test_waves_are_read_as_argocd_reads_them(text, wave):
    assert wave_of(text) == wave


def test_odd_objects_are_no_error():
    assert remarks(metadata={"annotations": ["x"]}) == []
    assert remarks(metadata=None) == []
    assert remarks("ApplicationSet", apiVersion="argoproj.io/v1alpha1", spec=None) == []
    assert remarks(metadata={"annotations": {1: "x", f"{A}sync-wave": 5}}) == []
