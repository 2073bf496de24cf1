package io.skywire.control.messaging;

/// What it takes to delete an entry.
enum DeleteProof {
    /// The newest signed document of the entry, as stock clients send it. Whoever can read an entry has it.
    DOCUMENT,

    /// The document, in a request that is signed by the same key. Closes deletion by strangers; stock clients cannot.
    SIGNED_REQUEST
}
