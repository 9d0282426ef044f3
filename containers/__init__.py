"""The platform in containers: what `make up` does before and after Compose, and what the images and Compose need.

It runs on the standard library alone, because nothing is installed on the host; of the project it imports nothing.
"""
