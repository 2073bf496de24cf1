package io.skywire.control.setup;

import java.util.OptionalInt;

/// What went wrong with a plan, in two wordings: `told` goes to the initiator and names no node or transport that it
/// did not name itself; `recorded` stays in the ledger, for staff.
record SetupFailure(FailureReason reason, OptionalInt hop, String told, String recorded) {
    private static final int MAX_TEXT = 300;

    SetupFailure {
        told = plain(told);
        recorded = plain(recorded);
    }

    static SetupFailure everywhere(FailureReason reason, String detail) {
        return new SetupFailure(reason, OptionalInt.empty(), detail, detail);
    }

    /// Texts of nodes end up here: without control characters they cannot forge log lines, and they have an end.
    private static String plain(String text) {
        String oneLine = text.replaceAll("\\p{Cntrl}", " ");
        return oneLine.length() <= MAX_TEXT ? oneLine : oneLine.substring(0, MAX_TEXT);
    }
}
