"""What every other folder uses: text, addresses, time, files, errors, findings, results."""
