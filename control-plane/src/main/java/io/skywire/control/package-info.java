@NullMarked
package io.skywire.control;

import org.jspecify.annotations.NullMarked;
