"""The menu language: load a tree and its sentences, prove them sound, print them, speak them."""
