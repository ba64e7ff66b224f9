"""Why an item is shown, as a sentence for the person it is shown to."""
