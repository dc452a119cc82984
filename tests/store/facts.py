"""One example of every fact, and a control recipe with every kind of element."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from mes.model.equipment import Title
from mes.model.events import (
    Alarm,
    Allocation,
    BatchCreated,
    CommandOutcome,
    Consume,
    Deallocation,
    EngineChange,
    Fact,
    LotBound,
    LotReceived,
    ProcessData,
    Produce,
    Prompt,
    PromptResponse,
    StateChange,
    StateCommand,
)
from mes.model.lots import Role
from mes.model.procedure import Choose, Cleanliness, ExceptionBlock, Group, Level, Order, Then, UnitWanted
from mes.model.quantity import Quantity
from mes.model.recipe import Ask, ControlRecipe, FormulaParameter, Input, Limits, Output, SizeStep
from mes.model.states import Command, ProceduralState
from mes.model.steering import (
    BreakpointChange,
    ChoiceMade,
    Confirmation,
    Deviation,
    ElementCommand,
    ExceptionEnded,
    ExceptionRaised,
    Mode,
    ModeChange,
    ParameterChange,
    QueueChange,
    RankChange,
    Reentry,
    Skip,
    TestResults,
    TimerStarted,
    Transfer,
    UnitChange,
    UnitChosen,
    UnitRequest,
)
from mes.model.steps import (
    AnswerKind,
    Consumption,
    GateStep,
    HoldingStep,
    OnFail,
    Parameter,
    ParameterUpdate,
    PhaseStep,
    Production,
    PromptStep,
    ResultSpec,
    SlotBinding,
    Source,
    WaitStep,
)

TITLE: Title = {"en": "Weigh", "zh": "称重"}
GRAMS = Quantity(Decimal("12.50"), "g")
PHASE = PhaseStep(
    path="R1/UP/OP/charge",
    name="charge",
    unit="WS-111",
    phase_class="WEIGH",
    parameters=(Parameter(name="TARGET", source=Source.INPUT, reference="li2s", value=GRAMS), Parameter(name="TOL")),
    scan=("li2s",),
    consumes=(Consumption(input="li2s", report="NET"),),
    produces=(Production(output="mix", report="NET", role=Role.INTERMEDIATE, made_from=("li2s",)),),
)
PROMPT = PromptStep(
    path="R1/UP/ask", name="ask", text=TITLE, answer=AnswerKind.NUMBER, uom="g", minimum=Decimal("1E+2"), maximum=None
)
SPEC = ResultSpec(
    name="peak",
    uom="%",
    minimum=Decimal(0),
    maximum=Decimal(100),
    spec_low=Decimal(0),
    spec_high=Decimal("5.0"),
)
STEPS = (
    GateStep(path="R1/Q", name="Q", results=(SPEC,), on_fail=OnFail.CONTINUE, sample="mix"),
    WaitStep(path="R1/W", name="W", until="A.T > 3 degC", within_s=60),
    HoldingStep(path="R1/H", name="H", units=("SC-1",)),
    PhaseStep(
        path="R1/P",
        name="P",
        unit="",
        phase_class="COAT",
        sync="both",
        updates=(ParameterUpdate(when="A.L > 4 m", parameters=(Parameter(name="speed", value=None),)),),
        bindings=(SlotBinding(unit="C-1", plc="FI", slot="C-1.PH", number=4),),
    ),
)
BLOCK = ExceptionBlock(
    path="R1/E",
    name="E",
    steps=Group(path="R1/E", name="E", level=Level.BLOCK, order=Order.SEQUENCE, children=()),
    then=Then.JUMP,
    when="A.T > 900 degC",
    target="UP",
)
WANTED = Group(
    path="R1/M",
    name="M",
    level=Level.UNIT_PROCEDURE,
    order=Order.CHOICE,
    children=STEPS,
    wanted=UnitWanted(unit_class="MILL", choose=Choose.OPERATOR, prefer=("M-2",), candidates=("M-2", "M-1")),
    uses=("SC-1",),
    leaves=Cleanliness.DIRTY,
    until="A.T > 3 degC",
    at_most=3,
    exceptions=(BLOCK,),
)
TIME = FormulaParameter(
    name="T",
    default=Quantity(Decimal(550), "degC"),
    minimum=Quantity(Decimal(20), "degC"),
    maximum=Quantity(Decimal(900), "degC"),
    steps=(SizeStep(up_to=Decimal(2), value=Quantity(Decimal(560), "degC")),),
    high=Limits(low=Quantity(Decimal(500), "degC"), high=Quantity(Decimal(600), "degC")),
    ask=Ask.RUN,
)
CONTROL = ControlRecipe(
    recipe_id="R1",
    version="2",
    title=TITLE,
    product="LPSCL",
    size=Quantity(Decimal("1.000"), "kg"),
    formula={"T": Quantity(Decimal(550), "degC")},
    inputs={"li2s": Input(name="li2s", material="LI2S", uom="g", per_unit=Decimal("0.1"), amount=GRAMS)},
    outputs={"mix": Output(name="mix", material="MIX", role=Role.PRODUCT, shelf_life_days=30)},
    procedure=Group(
        path="R1",
        name="R1",
        level=Level.PROCEDURE,
        order=Order.SEQUENCE,
        children=(
            Group(
                path="R1/UP",
                name="UP",
                level=Level.UNIT_PROCEDURE,
                order=Order.PARALLEL,
                children=(PHASE, PROMPT),
                unit="WS-111",
            ),
            WANTED,
        ),
    ),
    limits={"T": TIME},
    hold_propagation=Level.OPERATION,
    sha256="c0ffee",
)
EVERY_FACT: tuple[Fact, ...] = (
    BatchCreated(control=CONTROL, proposed_lots={"li2s": "L-000001"}, by="ann"),
    StateCommand(path="a", command=Command.START, by="ann", because="", exec_id=3, parameters={"TARGET": GRAMS}),
    CommandOutcome(path="a", command=Command.START, exec_id=3, accepted=False, known=True, because="an interlock"),
    StateChange(path="a", before=ProceduralState.IDLE, after=ProceduralState.STARTING),
    ProcessData(path="a", exec_id=3, reports={"NET": GRAMS}),
    Prompt(path="a", prompt_id="p1", text=TITLE, answer=AnswerKind.CHOICE, minimum=Decimal("0.10"), choices=("x", "y")),
    PromptResponse(path="a", prompt_id="p1", value="是", by="bo"),
    LotBound(path="a", input="li2s", lot_no="L-000001", material="LI2S", assay=Decimal("0.999"), amount=GRAMS, by="bo"),
    Allocation(path="a", unit="WS-111"),
    Deallocation(path="a", unit="WS-111"),
    Consume(path="a", input="li2s", lot_no="L-000001", material="LI2S", quantity=GRAMS, mass=GRAMS),
    Produce(
        path="a",
        output="mix",
        role=Role.PRODUCT,
        material="MIX",
        quantity=GRAMS,
        lot_no="P-1",
        parents=(("L-000001", GRAMS),),
        shelf_life_days=3,
    ),
    Alarm(path="a", source="SY", text="the link is lost"),
    LotReceived(
        lot_no="L-000009",
        material="LI2S",
        quantity=GRAMS,
        assay=Decimal("0.99"),
        supplier="Müller & 李",
        supplier_lot="=1",
        by="bo",
    ),
    EngineChange(owner="host 1", epoch=4, text="started"),
    ElementCommand(path="a", command=Command.HOLD, by="ann", because="noise"),
    UnitChosen(path="a", unit="BM-202", by="ann", because="the other one squeaks"),
    ModeChange(path="a", mode=Mode.SEMI_AUTOMATIC, by="ann"),
    BreakpointChange(path="a", active=True, by="ann"),
    Confirmation(path="a", by="ann"),
    Skip(path="a", by="ann", because="done by hand"),
    Reentry(path="a", by="engine", because="round 2 of at most 3", round=2),
    ChoiceMade(path="a", branch="a/b", by="engine", because="A.T = 4 degC, meets > 3 degC"),
    ExceptionRaised(path="a", because="failure OVERTEMP", failed="a/b"),
    ExceptionEnded(path="a", then=Then.RETURN),
    TimerStarted(path="a", ends_at=datetime(2026, 3, 1, 9, tzinfo=UTC)),
    ParameterChange(path="a", name="speed", value=GRAMS, by="ann", because="dust", before=GRAMS),
    Deviation(path="a", name="speed", limit="soft", text="12.5 g is above 12 g", by="ann", because="dust"),
    TestResults(path="a", results={"peak": GRAMS}, passed=False, by="ann", lot_no="L-1"),
    Transfer(path="a", name="milled powder", source="M-1", destination="FU-1"),
    UnitRequest(path="a", candidates=("M-1", "M-2"), uses=("SC-1",), rank=Decimal("1.5")),
    RankChange(path="a", rank=Decimal("0.25"), by="ann", because="urgent"),
    QueueChange(queued=True, by="ann", because="plan", priority=3, rank=Decimal(7), after="B-0001"),
    UnitChange(unit="M-1", by="ann", because="bearing", in_service=False),
)
