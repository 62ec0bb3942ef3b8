"""The core topics of the course: what `make demo`, the benchmark and the exam in `make test` are about."""

CORE = (
    *("initializers", "optimizers", "fully_connected", "activations", "loss"),
    *("conv", "pooling", "flatten", "neural_network"),
)

if __name__ == "__main__":
    print(*(f"--only {topic}" for topic in CORE))
