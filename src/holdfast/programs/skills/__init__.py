"""Skill assessment: seven social and emotional skills, each scored with reasons and evidence.

Makes the fourth seed real. Pure rules: `skill` (the seven and their words), `inputs` (transcripts and game
sessions as they come in), `features` (what is measured in them), `rubric` (the documented baseline),
`evidence` (quotes that a teacher can check), `fusion` (sources weighed against each other), `learning`
(models trained from labelled texts), `justhink` (a converter for one published corpus).
"""
