"""One letter in its forms: the page (PDF), the fax (1-bit pages) and the e-mail."""
