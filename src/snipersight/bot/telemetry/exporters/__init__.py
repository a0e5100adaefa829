"""Where events go besides the store: a file, a web address, a collector, other people's packages."""

from snipersight.bot.telemetry.exporters.port import Exporter, ExportFailed, ExportRefused

__all__ = ["ExportFailed", "ExportRefused", "Exporter"]
