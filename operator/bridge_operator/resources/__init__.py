"""The objects of a pool as they are to be: pure builders that return fresh dicts, and what tells an object from its intent."""
