"""Our answers beside those of the programs a cluster runs; `make e2e`, never part of `make test`."""
