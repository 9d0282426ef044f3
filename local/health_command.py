"""``make health``: a fresh health report, worst first."""

import sys

from local.errors import LocalError
from local.live_stack import stack_of_the_environment


def main() -> int:
    """Run the health job and print its report; the result is 1 when anything is critical."""
    client = stack_of_the_environment().exporters_client()
    try:
        client.run_job("health")
        rows = client.rows("health-reports", {"latest": 1})
    except LocalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for row in rows:
        sys.stdout.write(f"  {row['status']:<9}{row['check']:<36}{row['value']:<16}{row['detail']}\n")
    return int(any(row["status"] == "critical" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
