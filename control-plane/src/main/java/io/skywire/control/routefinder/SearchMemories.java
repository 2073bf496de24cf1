package io.skywire.control.routefinder;

import java.util.concurrent.ArrayBlockingQueue;

/// Lends a [SearchMemory] to each search. More searches at once than are kept get a new one that is dropped afterwards.
final class SearchMemories {
    private final ArrayBlockingQueue<SearchMemory> free;

    SearchMemories(int kept) {
        free = new ArrayBlockingQueue<>(kept);
    }

    SearchMemory take() {
        SearchMemory memory = free.poll();
        return memory == null ? new SearchMemory() : memory;
    }

    void giveBack(SearchMemory memory) {
        free.offer(memory); // dropped if enough are kept
    }
}
