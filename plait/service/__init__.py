"""The HTTP service: a workspace answered over HTTP; see docs/service.md."""
