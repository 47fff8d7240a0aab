"""What Kubernetes itself defines, whoever reads it: quantities, and the numbers of Go they are held in."""
