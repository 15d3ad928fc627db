"""`python -m servicekit.topics`: the one-shot job that creates every topic."""

from servicekit.kafka import main

if __name__ == "__main__":
    main()
