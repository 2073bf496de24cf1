package io.skywire.node.cli;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.EncoderBase;

/// A log that is nothing but one line for each event.
abstract sealed class LineEncoder extends EncoderBase<ILoggingEvent> permits JsonLogEncoder, TextLogEncoder {
    private static final byte[] NONE = {};

    @Override
    public final byte[] headerBytes() {
        return NONE;
    }

    @Override
    public final byte[] footerBytes() {
        return NONE;
    }
}
