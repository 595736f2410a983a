"""Who may do what: certificates, what they add up to, and the tickets that devices join with.

State is a set of signed certificates, merging is union, and every answer is a function of the set.
Everything here is pure; what comes from elsewhere is verified before it has a type.
"""
