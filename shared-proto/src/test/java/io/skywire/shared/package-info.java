/// What the tests of every module share: golden [Vectors] and [Seeds] that print themselves.
@NullMarked
package io.skywire.shared;

import org.jspecify.annotations.NullMarked;
