/// The time of a process. Start here: [MachineClock].
@NullMarked
package io.skywire.shared.time;

import org.jspecify.annotations.NullMarked;
