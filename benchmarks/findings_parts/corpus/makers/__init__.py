"""One module a program: inputs made by knowing its format. ``MAKE`` shows one flaw each, ``benign`` shows none."""
