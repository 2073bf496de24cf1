package io.skywire.control.identity;

/// The shape in which stock services refuse a signed request: `{"error":{"message":…,"code":…}}`, in that order.
record StockError(Refusal error) {
    record Refusal(String message, int code) {}

    static StockError of(String message, int code) {
        return new StockError(new Refusal(message, code));
    }
}
