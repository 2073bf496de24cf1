@NullMarked
package io.skywire.node;

import org.jspecify.annotations.NullMarked;
