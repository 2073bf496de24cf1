package io.skywire.local.conformance;

import java.io.IOException;

/// One thing that stock clients need, in one sentence, and how to see it.
record Case(String name, Check check) {
    interface Check {
        /// Throws [Mismatch] with what was seen instead, or an I/O error if there was no answer at all.
        void run(StockNetwork network) throws IOException, Mismatch;
    }

    /// What became of a case. `detail` is empty if it passed.
    record Result(String name, boolean passed, String detail) {}

    static final class Mismatch extends Exception {
        private static final long serialVersionUID = 1L;

        Mismatch(String message) {
            super(message);
        }
    }
}
