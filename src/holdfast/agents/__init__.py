"""The language-model gateway: who speaks, under which frame, at what cost.

A program hands over a `Persona` (what one agent may know, what was said, which tools it may propose) and gets
a `Speech` back. Nothing here knows what the programs are about, touches a store or changes anything: a tool
call comes back as a `Proposal`, and the program decides what becomes of it.

`scripted` answers offline and always alike; `provider` asks a model over HTTP; `choose` picks between them
from settings. Import the module you need: `provider` loads the model libraries, which takes about a second.
"""
