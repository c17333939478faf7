"""The official tests by theme. Each module holds one table of small judges; `validating` knows them all."""
