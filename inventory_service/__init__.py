"""The answer: is it on the shelf near me, right now, and how sure are you?"""
