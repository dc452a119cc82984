"""The BatchML word under which each fact stands in a batch record."""

from __future__ import annotations

from collections.abc import Mapping

RECORD_WORD: Mapping[str, str] = {
    "BatchCreated": "Modification",
    "StateCommand": "State Command",
    "CommandOutcome": "State Command",
    "StateChange": "State Change",
    "ProcessData": "Process Data",
    "Prompt": "Prompt",
    "PromptResponse": "Prompt Response",
    "LotBound": "Movement",
    "Allocation": "Allocation",
    "Deallocation": "Deallocation",
    "Consume": "Consume",
    "Produce": "Produce",
    "Alarm": "Alarm",
    "LotReceived": "Produce",
    "EngineChange": "Security",
    "ElementCommand": "State Command",
    "ModeChange": "Mode Change",
    "BreakpointChange": "Mode Change",
    "Confirmation": "Prompt Response",
    "Skip": "Modification",
    "Reentry": "State Change",
    "ChoiceMade": "State Change",
    "ExceptionRaised": "Alarm",
    "ExceptionEnded": "State Change",
    "TimerStarted": "State Change",
    "ParameterChange": "Parameter Data",
    "Deviation": "Modification",
    "TestResults": "Process Data",
    "Transfer": "Movement",
    "UnitRequest": "Allocation",
    "UnitChosen": "Allocation",
    "RankChange": "Allocation",
    "QueueChange": "Modification",
    "UnitChange": "Modification",
}
"""BatchML record event word of each fact."""
