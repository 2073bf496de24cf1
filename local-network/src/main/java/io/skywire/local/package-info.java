@NullMarked
package io.skywire.local;

import org.jspecify.annotations.NullMarked;
