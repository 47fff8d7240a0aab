"""Render and prove KubeVirt + Intel QAT manifests from one declarative spec."""

__version__ = "0.1.0"
