"""Files that come from elsewhere and may be hostile: opened within limits, decoded, unpacked."""
