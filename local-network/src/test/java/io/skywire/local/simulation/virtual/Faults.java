package io.skywire.local.simulation.virtual;

/// How often, of one, something goes wrong with a frame of a link or a message of a control session.
///
/// Links over TCP lose nothing and keep the order; those through messaging servers lose, double and overtake, and their
/// replay window swallows what comes twice. A corrupt frame does not authenticate: it ends the link, and a corrupt
/// control message its session.
///
/// @param drop of frames through messaging servers
/// @param duplicate of frames through messaging servers
/// @param reorder of frames through messaging servers
/// @param corrupt of frames of any link
/// @param corruptControl of messages of a control session
record Faults(double drop, double duplicate, double reorder, double corrupt, double corruptControl) {
    static final Faults NONE = new Faults(0, 0, 0, 0, 0);
}
