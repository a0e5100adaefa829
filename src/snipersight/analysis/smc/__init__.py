"""Smart Money Concepts: detectors that read one closed bar at a time; `series.SmcSeries` is the face."""
