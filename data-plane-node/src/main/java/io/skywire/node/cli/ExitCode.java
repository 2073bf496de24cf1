package io.skywire.node.cli;

/// What a command's exit says. Part of the contract.
final class ExitCode {
    static final int HELD = 0;
    static final int DID_NOT_HOLD = 1;
    static final int WRONG_USE = 2;
    static final int MACHINE_LACKS = 3;

    private ExitCode() {}
}
