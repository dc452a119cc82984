"""The list of checks: an id, which never changes its meaning, and the sentence that a PLC has to make true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mes.plc.tomltable import nearest

CHECKS: Mapping[str, str] = {
    "LNK-01": "The link stands through the whole check",
    "HDR-01": "IfVersion is 1",
    "HDR-02": "ProgramId is that of the tag map",
    "HDR-03": "BootId is not 0 and stays while the PLC runs",
    "HDR-04": "PlcHb moves at least every 100 ms",
    "HDR-05": "MesHbEcho shows what was written into MesHb",
    "HDR-06": "CommOk bit 0 is set while MesHb moves",
    "CMD-01": "Idle takes start and nothing else",
    "CMD-02": "Running takes stop, hold, pause, abort and update and nothing else",
    "CMD-03": "Paused takes stop, hold, resume and abort and nothing else",
    "CMD-04": "Held takes stop, restart and abort and nothing else",
    "CMD-05": "Complete takes reset and nothing else",
    "CMD-06": "Stopped takes reset and nothing else",
    "CMD-07": "Aborted takes reset and nothing else",
    "CMD-08": "A command that meets an acting state is answered as the table of that state says",
    "CMD-09": "A command number that does not exist is refused with 7",
    "WAY-01": "Start leads through starting to running",
    "WAY-02": "Pause leads through pausing to paused",
    "WAY-03": "Resume leads through resuming to running",
    "WAY-04": "Hold leads through holding to held",
    "WAY-05": "Restart leads through restarting to running",
    "WAY-06": "Stop leads through stopping to stopped",
    "WAY-07": "Abort leads through aborting to aborted",
    "WAY-08": "Reset leads through resetting to idle",
    "WAY-09": "Running ends by itself through completing in complete",
    "ENA-01": "CmdEn shows the commands of the state, less those that mode and interlock take away",
    "ENA-02": "What CmdEn shows is taken, what it does not show is refused",
    "ACK-01": "A new commit word is answered within 2 s and two scans, with a result of the contract",
    "ACK-02": "When AckSeq shows an accepted command, the state has moved",
    "ACK-03": "AckRes is there before AckSeq",
    "ACK-04": "A refusal changes nothing but AckRes and AckSeq",
    "ACK-05": "The PLC leaves the command block as it was written",
    "SEQ-01": "The commit word of the last command, written again, does nothing",
    "SEQ-02": "A commit word of 0 is no command",
    "SEQ-03": "After a 0, the last word evaluated still does nothing",
    "SEQ-04": "Any other commit word is a new command, 1 after 65535 too",
    "SEQ-05": "The commit word found at connection has been evaluated",
    "BOO-01": "A command for another BootId is refused with 3",
    "EPO-01": "A command of an older epoch is refused with 4",
    "EPO-02": "A command whose epoch words disagree is refused with 4",
    "EPO-03": "A command of a newer epoch is taken",
    "EPO-04": "The epoch is one memory for all slots of the PLC",
    "EPO-05": "A refused command of a newer epoch fences older ones all the same",
    "EPO-06": "A wrong boot or disagreeing epoch words do not raise the epoch",
    "EPO-07": "Epochs are compared as 32 bits",
    "EXE-01": "A start with ExecId 0 is refused with 5",
    "EXE-02": "A start of the execution that the slot has is answered with 2 and changes nothing",
    "EXE-03": "A start of LastExec from idle is refused with 6",
    "EXE-04": "A start shows its execution in ActExec and LastExec, and its phase in ProcAct",
    "EXE-05": "An update of another execution is refused with 5",
    "EXE-06": "A start of an unknown phase number is refused with 5",
    "ORD-01": "The boot is judged before the epoch",
    "ORD-02": "The epoch is judged before the execution",
    "ORD-03": "The execution of a start is judged before the state",
    "ORD-04": "The state is judged before the parameters",
    "PAR-01": "A parameter below its minimum is refused with 5",
    "PAR-02": "A parameter above its maximum is refused with 5",
    "PAR-03": "A parameter that is NaN is refused with 5",
    "PAR-04": "A parameter that is infinite is refused with 5",
    "PAR-05": "A parameter on its limit is taken",
    "PAR-06": "SpAct shows the parameters that were asked for, and 0 where the phase has none",
    "UPD-01": "An update takes new parameters without a change of state",
    "UPD-02": "An update with a bad parameter is refused with 5 and changes nothing",
    "REP-01": "The reports of an ended phase are finite and within their ranges",
    "REP-02": "The reports of an ended phase stand until reset",
    "REP-03": "A reset clears reports, execution, phase, parameters and failure",
    "CHG-01": "Every change of State moves StateChg",
    "CHG-02": "StateChg counts one for each change of State",
    "TRN-01": "StatusEnd comes to equal StateChg",
    "TRN-02": "Where StatusEnd equals StateChg, State belongs to them",
    "NAM-01": "Every interlock bit shown is named in the tag map",
    "NAM-02": "Every FailCode shown is named in the tag map",
    "NAM-03": "Every Step shown is named in the tag map",
    "NAM-04": "State is a number of the contract",
    "MOD-01": "The bits of Mode agree with each other and with Interlock",
    "MOD-02": "A slot whose commands do not come from the MES refuses every one with 8",
    "ILK-01": "An interlock has start refused with 8",
    "TMO-01": "While MesHb moves, and until MesTmo is over, the slot does nothing by itself",
    "TMO-02": "When MesHb has been silent for MesTmo, the slot does its comm-loss action",
    "TMO-03": "CommOk bit 0 goes when MesHb has been silent for MesTmo",
    "TMO-04": "Nothing goes on by itself when MesHb comes back",
    "TMO-05": "MesTmo = 0 switches the comm-loss action off",
    "TMO-06": "MesTmo counts from the moment it is switched on",
    "TMO-07": "A phase restarted while the MES is silent does its comm-loss action again",
    "PWR-01": "A restart of the PLC shows another BootId that is not 0",
    "PWR-02": "The commit word left over at power-up is adopted with result 9",
    "PWR-03": "After a restart of the PLC the slot is idle and nothing has been started",
    "PWR-04": "LastExec is kept over a restart of the PLC, and its start refused with 6",
    "PWR-05": "A command decided before the restart of the PLC is refused with 3",
}


def chosen_checks(wanted: Sequence[str]) -> frozenset[str]:
    """Give the checks whose ids begin with one of `wanted` (all of them for none).

    Raises `ValueError` that names the nearest group for one that is in no id.
    """
    if not wanted:
        return frozenset(CHECKS)
    groups = list(dict.fromkeys(check[:3] for check in CHECKS))
    for text in wanted:
        if not any(check.startswith(text.upper()) for check in CHECKS):
            near = nearest(text.upper(), [*groups, *CHECKS])
            raise ValueError(f"no check has the id {text!r}{near}; the groups are {', '.join(groups)}")
    return frozenset(check for check in CHECKS if check.startswith(tuple(text.upper() for text in wanted)))
