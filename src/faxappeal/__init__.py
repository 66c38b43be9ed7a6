"""faxappeal puts a letter on every responsible desk, by fax and by e-mail, exactly once."""

__version__ = "0.1.0"
