"""Set-up and processes of the local stack: virtual environment, Java, jars, a real Kafka broker and a supervisor.

``local.setup`` and what it imports need nothing but the standard library: they run before there is an environment.
"""
