"""An evidence base on supportive-expressive group therapy in cancer that can be questioned."""

__version__ = "0.1.0"
