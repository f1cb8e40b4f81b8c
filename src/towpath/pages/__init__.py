"""The generated parts of the documentation: made from the code that they are about, the adapters included."""
