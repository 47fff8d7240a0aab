"""The Go types of KubeVirt's machines, made into the table that virt-api's checks are judged by."""
