"""What we render and our plugin, given to Argo CD's own programs."""
