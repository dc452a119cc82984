"""The live page. Screens derive and show; what is decided is decided by the engine behind the verbs of `mes.batches`.

`mes.ui.serve` loads NiceGUI only when the page is wanted, for it takes seconds and memory: import the page through it.
"""
