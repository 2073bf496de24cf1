package io.skywire.control.messaging;

/// How a request ended, in the words of the contract: clients compare the text, not the status.
sealed interface Answer {
    int status();

    String text();

    record Done(String text) implements Answer {
        static final Done CREATED = new Done("wrote a new entry");
        static final Done UPDATED = new Done("wrote new entry iteration");
        static final Done DELETED = new Done("deleted entry");

        @Override
        public int status() {
            return 200;
        }
    }

    record Refused(int status, String text) implements Answer {
        /// The original answers 500 with this text; what the client got wrong is a 400 here. Clients see the same
        /// error.
        static final Refused UNDECODABLE = new Refused(400, "something unexpected happened");

        static final Refused BAD_INPUT = new Refused(400, "error bad input");
        static final Refused TOO_LARGE = new Refused(413, "request body is too large");
        static final Refused NOT_FOUND = new Refused(404, "entry of public key is not found");
        static final Refused NO_SERVERS = new Refused(404, "no delegated dmsg servers available for remote");
        static final Refused BAD_SIGNATURE = new Refused(401, "invalid signature");
        static final Refused NOT_THE_OWNER = new Refused(401, "the request is not signed by the owner of the entry");
        static final Refused DATABASE_AWAY = new Refused(503, "something unexpected happened");
        static final Refused LOOPBACK_SERVER =
                invalid("advertising localhost listening address is not allowed in production mode");
        static final Refused NO_VERSION = invalid("entry has no version");
        static final Refused NO_SIGNATURE = invalid("entry has no signature");
        static final Refused NO_KEY = invalid("entry Keys is nil");
        static final Refused NEITHER_PART = invalid("entry has neither client or server field");
        static final Refused NO_ADDRESS = invalid("server address cannot be empty");
        static final Refused OUTDATED = invalid("advertised entry has outdated timestamp");
        static final Refused WRONG_SEQUENCE = invalid("sequence field of new entry is not sequence of old entry + 1");
        static final Refused OLDER_TIMESTAMP = invalid("advertised entry timestamp is not greater than previous");

        private static Refused invalid(String problem) {
            return new Refused(422, "entry validation error: " + problem);
        }
    }
}
