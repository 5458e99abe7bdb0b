"""Search by names, codes and descriptions, in Japanese and English."""
