/** The cheapest Worker there is: what `make bench` measures every other figure against. */
export default {
  fetch() {
    return new Response("hello");
  },
};
