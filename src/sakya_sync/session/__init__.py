"""Conversations as tables you can print: the client's side, and the relay's.

A session is fed bytes and the time and gives events, bytes to send, and the time of its next
alarm. It opens nothing, waits for nothing, and raises nothing for what a remote sends.
"""
