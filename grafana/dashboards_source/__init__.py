"""What the four dashboards hold: titles, descriptions, queries, and where everything stands."""
