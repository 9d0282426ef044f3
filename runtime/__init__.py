"""What every service process shares: reading and writing topics, stopping, and answering for its health."""
