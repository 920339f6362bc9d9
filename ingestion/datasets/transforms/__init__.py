"""What a contract cannot declare: one module a dataset, named after its code, with one function ``transform``."""
