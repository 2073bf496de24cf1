package io.skywire.node.transport;

/// One try to make a link, until it settles or fails. Exactly one of the two is called, once, on an event loop.
interface Attempt {
    void settled();

    void failed(LinkFailure kind, String detail);
}
